import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { SignInView } from './sign-in-view';

export const metadata = pageTitle('signIn.title');

export default function SignInPage() {
  return (
    <Suspense>
      <SignInView />
    </Suspense>
  );
}
